/** Starts a program in an empty folder on a free port, and waits until it responds. */
import { rm } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { type Command, type GuardedProcess, startGuarded } from './guarded-process.ts'
import { serverFolder } from './server-folder.ts'

export interface Place {
  readonly folder: string
  readonly port: number
}

export interface Program {
  readonly name: string
  /** Fills the folder, and resolves to the command to run. */
  prepare(place: Place): Promise<Command>
  /** Rejects until the server responds. */
  answers(port: number): Promise<void>
}

export interface StartedProgram extends AsyncDisposable {
  readonly port: number
  stop(how?: { abruptly: boolean }): Promise<void>
  start(): Promise<void>
}

export async function startProgram({ name, prepare, answers }: Program): Promise<StartedProgram> {
  const folder = await serverFolder(name)
  const port = await freePort()
  const command = await prepare({ folder, port }).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
    throw error
  })
  let running: GuardedProcess | undefined
  const start = async () => {
    running = startGuarded(folder, command)
    await untilAnswered(name, running, () => answers(port))
  }
  await start()
  return {
    port,
    start,
    async stop({ abruptly } = { abruptly: false }) {
      await running?.stop(abruptly ? 'kill and keep' : 'keep')
      running = undefined
    },
    async [Symbol.asyncDispose]() {
      running ??= startGuarded(folder, { program: 'true', args: [] }) // a guardian, for the folder
      await running.stop('remove')
    },
  }
}

const patienceMs = 60_000

async function untilAnswered(name: string, running: GuardedProcess, ask: () => Promise<void>): Promise<void> {
  let ended: string | undefined
  void running.ended.then((words) => {
    ended = words
  })
  const deadline = Date.now() + patienceMs
  for (;;) {
    const failure = await ask().then(
      () => undefined,
      (error: unknown) => error ?? new Error('no answer'),
    )
    if (failure === undefined) return
    if (ended === undefined && Date.now() < deadline) await setTimeout(20)
    else {
      await running.stop('remove')
      throw new Error(`${name} did not start: ${ended ?? 'no answer for a minute'}`, { cause: failure })
    }
  }
}
