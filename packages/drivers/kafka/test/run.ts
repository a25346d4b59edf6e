/** A run with a worker in this process that captures both libraries. */
import { beginIn, projectFolder, type Run as RunInFolder } from '@dustpan/conformance/run'
import { openLedgerRun } from '@dustpan/core/ledger'
import * as platformatic from '@platformatic/kafka'
import * as kafkajs from 'kafkajs'
import { onTestFinished } from 'vitest'
import { address } from './server.ts'

export interface Run extends RunInFolder {
  /** Removes what remains, from the ledger, as another process does. */
  cleanUp(): Promise<void>
}

export async function startRun(options: object = {}, config: object = {}): Promise<Run> {
  const drivers = [{ use: '@dustpan/kafka', name: 'main', options: { brokers: address(), ...options } }]
  const folder = projectFolder('@dustpan/kafka', { cleanup: { retry: { attempts: 1 } }, ...config, drivers })
  const run = await beginIn(folder, [kafkajs, platformatic])
  onTestFinished(() => run[Symbol.asyncDispose]())
  return {
    ...run,
    async cleanUp() {
      await using ledger = await openLedgerRun(run.settings, run.main.ticket, 'cli')
      if (ledger) await ledger.remove([...ledger.folded().resources.values()])
    },
  }
}
