/** A run of the real core in this process, with one client library and a database of a real server. */
import { beginIn, projectFolder, type Run } from '@dustpan/conformance/run'
import { onTestFinished } from 'vitest'
import type { Client, Library } from './clients.ts'
import { open } from './harness.ts'

export interface TestRun extends Run {
  /** URL of the database. */
  readonly url: string
  readonly client: Client
  /** A connection that Dustpan does not capture, for what another process does. */
  readonly stranger: Awaited<ReturnType<typeof open>>
  /** `CODE: message` of each warning. */
  warnings(): readonly string[]
  /** `via` of each open intent. */
  intents(): readonly string[]
  /** All keys of the database. */
  keys(): Promise<readonly string[]>
}

export async function beginTestRun(library: Library, url: string, options: object = {}): Promise<TestRun> {
  const use = '@dustpan/redis'
  const drivers = [{ use, name: 'main', options: { url, ...options } }]
  const run = await beginIn(
    projectFolder(use, { drivers, cleanup: { strategy: 'conditional', retry: { attempts: 1 } } }),
    [library.exports],
  )
  onTestFinished(() => run[Symbol.asyncDispose]())
  const client = await library.open(url)
  onTestFinished(() => client[Symbol.asyncDispose]())
  const stranger = await open(url)
  onTestFinished(() => stranger[Symbol.asyncDispose]())
  return {
    ...run,
    url,
    client,
    stranger,
    warnings: () => run.folded().warnings.map(({ code, message }) => `${code}: ${message}`),
    intents: () => [...run.folded().intents.values()].map(({ via }) => via),
    keys: async () => ((await stranger.send('KEYS', '*')) as readonly Buffer[]).map(String).sort(),
  }
}
