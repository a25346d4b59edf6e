/** A run of the real core in this process, with a driver for a database of a real server. */
import { createRequire } from 'node:module'
import { freshCopy } from '@dustpan/conformance/drivers'
import { beginIn, projectFolder, type Run } from '@dustpan/conformance/run'
import type { CleanupReport, Verdict } from '@dustpan/core/runner'
import * as seven from 'mongodb'
import { onTestFinished } from 'vitest'

const require = createRequire(import.meta.url)

/** A copy of the library that is not delivered to Dustpan. */
const uncaptured = freshCopy<typeof seven>(require, 'mongodb')

/** The database through a client that Dustpan does not capture. */
export async function strangerAt(url: string): Promise<seven.Db> {
  const client = await uncaptured.MongoClient.connect(url)
  onTestFinished(() => client.close())
  return client.db()
}

/** A collection whose documents have _ids of any type, which the library's own types cannot express. */
// biome-ignore lint/suspicious/noExplicitAny: the library takes `any` for that
export type AnyCollection = seven.Collection<any>

/** The versions that are supported. */
export const versions = { 'mongodb 7': seven, 'mongodb 6': require('mongodb-6') as typeof seven }

export interface TestRun extends Run {
  /** Runs the body in a test that stays open, and returns the function that closes it. */
  inTest(body: () => Promise<unknown>): Promise<(verdict?: Verdict) => Promise<CleanupReport | undefined>>
  /** `users 65…` of every resource in this state. */
  recorded(state?: string): readonly string[]
  warnings(): readonly string[]
  /** `via` of each open intent. */
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
