/** A run of the real core, which detects the client libraries itself. */
import { existsSync } from 'node:fs'
import { foldRun, readRun } from '@dustpan/core/ledger'
import { beginRun, prepareSettings } from '@dustpan/core/runner'
import { joinRun, type OpenScope } from '@dustpan/core/worker'
import type { Done } from './messages.ts'
import type { TestSession } from './test-session.ts'

export async function join(folder: string): Promise<TestSession> {
  const settings = await prepareSettings(folder)
  const main = beginRun(settings, 'conformance', {})
  const session = await joinRun(main.ticket)
  const file = session.openScope(undefined, { kind: 'file', file: 'a.test.ts', attempt: 0 })
  let scope: OpenScope | undefined

  const onRecord = (): Done => {
    if (!scope || !existsSync(settings.dir)) return { recorded: {}, complaints: [] }
    const { resources, warnings, intents } = foldRun(main.ticket.run, readRun(settings.dir, main.ticket.run))
    const own = [...resources.values()].filter(({ scope: of, state }) => of === scope?.id && state !== 'gone')
    return {
      recorded: Object.fromEntries(own.map(({ set, key, state }) => [`${set.type} ${key}`, state])),
      complaints: [
        ...warnings.map(({ message }) => message),
        ...[...intents.values()].map((intent) => JSON.stringify(intent)),
      ],
    }
  }

  return {
    async test(title, body) {
      scope = session.openScope(file, { kind: 'test', file: 'a.test.ts', path: [title], attempt: 0 })
      await scope.run(body)
      return onRecord()
    },
    async close() {
      await scope?.close('passed', { willRetry: false })
      return onRecord()
    },
    async end() {
      await file.close('passed', { willRetry: false })
      await session[Symbol.asyncDispose]()
      await main.end('passed')
    },
  }
}
