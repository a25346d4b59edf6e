/** A run of the real core in this process, whose driver leads to a database of a real server. */
import { createRequire } from 'node:module'
import { freshCopy } from '@dustpan/conformance/drivers'
import { beginIn, projectFolder, type Run } from '@dustpan/conformance/run'
import type { CleanupReport, Verdict } from '@dustpan/core/runner'
import * as seven from 'mongodb'
import { onTestFinished } from 'vitest'

const require = createRequire(import.meta.url)

/** Of a copy of the library that nobody hands to Dustpan. */
const unseen = freshCopy<typeof seven>(require, 'mongodb')

/** A database as somebody else uses it. */
export async function strangerAt(url: string): Promise<seven.Db> {
  const client = await unseen.MongoClient.connect(url)
  onTestFinished(() => client.close())
  return client.db()
}

/** Documents with ids of every type, which the library's own types have no word for. */
// biome-ignore lint/suspicious/noExplicitAny: the library takes `any` for that
export type AnyCollection = seven.Collection<any>

/** The versions that are supported. */
export const versions = { 'mongodb 7': seven, 'mongodb 6': require('mongodb-6') as typeof seven }

export interface TestRun extends Run {
  /** In a test that goes on; gives how it is closed. */
  inTest(body: () => Promise<unknown>): Promise<(verdict?: Verdict) => Promise<CleanupReport | undefined>>
  /** `users 65…` of all that is recorded in this state. */
  recorded(state?: string): readonly string[]
  warnings(): readonly string[]
  /** What stands open: begun, and neither made nor refused. */
  intents(): readonly string[]
}

export async function beginTestRun(options: object, config: object = {}): Promise<TestRun> {
  const use = '@dustpan/mongodb'
  const drivers = [{ use, name: 'main', options }]
  const run = await beginIn(projectFolder(use, { drivers, cleanup: { retry: { attempts: 1 } }, ...config }), [])
  onTestFinished(() => run[Symbol.asyncDispose]())
  let tests = 0
  return {
    ...run,
    async inTest(body) {
      const scope = run.openTest(`test ${++tests} that goes on`)
      await scope.run(body)
      return (verdict = 'passed') => scope.close(verdict, { willRetry: false })
    },
    recorded: (state = 'live') =>
      run
        .resources()
        .filter((one) => one.state === state)
        .map(({ set, key }) => `${set.type} ${typeof key === 'object' ? JSON.stringify(key) : key}`),
    warnings: () => run.folded().warnings.map(({ code, message }) => `${code}: ${message}`),
    intents: () => [...run.folded().intents.values()].map(({ via }) => via),
  }
}
