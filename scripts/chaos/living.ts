/** Another run in the same stores and the same ledger, which lasts through all rounds. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fixture, type Lane, projectOf } from './lane.ts'
import { runners } from './runners.ts'
import { takeSnapshot } from './snapshot.ts'

export interface LivingRun {
  /** Lets the run end. Resolves to what is left of its creations. */
  end(): Promise<readonly string[]>
}

/** Resolves once the run has created everything. */
export async function startLivingRun(lane: Lane): Promise<LivingRun> {
  const mocha = runners.find(({ dialect }) => dialect.name === 'mocha')
  if (!mocha) throw new Error('Mocha is not among the runners.')
  const project = await projectOf(mocha.dialect, { living: fixture('living.js') })
  const before = await takeSnapshot(lane.places)
  const sign = join(lane.folder, 'living')
  const running = project.start(mocha.dialect.command, { ...lane.env, CHAOS_LIVING: sign })
  let over = false
  const ended = running.finally(() => {
    over = true
  })
  while (!over && !existsSync(`${sign}.lives`)) await sleep(50)
  if (over) throw new Error(`The run that was to go on did not:\n${(await running).all}`)
  const created = [...(await takeSnapshot(lane.places)).keys()].filter((name) => !before.has(name))
  return {
    async end() {
      writeFileSync(`${sign}.ends`, '')
      await ended
      await project[Symbol.asyncDispose]()
      const after = await takeSnapshot(lane.places)
      return created.filter((name) => after.has(name))
    },
  }
}
