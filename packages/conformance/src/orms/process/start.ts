import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cache } from '../../servers/index.ts'
import type { Answer, Done, Order, Task } from './messages.ts'

export interface OrmProcess extends AsyncDisposable {
  ask(order: Order): Promise<Done>
}

const program = fileURLToPath(new URL('./main.ts', import.meta.url))

/** A shared compile cache: many processes load the same modules, and compiling takes most of their time. */
const compiled = join(cache, '../compiled')

export async function startProcess(task: Task): Promise<OrmProcess> {
  const env = { ...process.env, NODE_COMPILE_CACHE: compiled }
  const child = fork(program, [JSON.stringify(task)], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [], env })
  let errors = ''
  child.stderr?.on('data', (text) => {
    errors += text
  })
  const ended = once(child, 'close')
  const answer = async (): Promise<Done> => {
    const early = ended.then(([code]) => Promise.reject(new Error(`The ORM's process ended with ${code}: ${errors}`)))
    const [reply] = (await Promise.race([once(child, 'message'), early])) as [Answer]
    if ('failed' in reply) throw new Error(reply.failed)
    return reply.done
  }
  await answer()
  return {
    ask(order) {
      const answered = answer()
      child.send(order)
      return answered
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.send('end' satisfies Order)
      await ended
    },
  }
}
