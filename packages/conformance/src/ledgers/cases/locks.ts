/** Cases: cleaners on several machines. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  bringInRuns,
  type LeaseHolder,
  loadSettings,
  lockEverywhere,
  type Settings,
  shipRuns,
} from '@dustpan/core/ledger'
import { beginRun } from '@dustpan/core/runner'
import { expect, onTestFinished, test } from 'vitest'
import type { LedgerCases, Stage } from '../stage.ts'
import type { LedgerPlace } from '../subject.ts'
import { openMachine } from '../two-machines/machine.ts'

export const locks: LedgerCases = (stage) => {
  test('only one machine at a time can lock a run, and the next one gets the lines written meanwhile', async () => {
    const { here, there } = await twoMachines(stage())
    {
      await using _lock = await lockEverywhere(here, run)
      await expect(lockEverywhere(there, run)).rejects.toEqual(locked)
      const line = { v: 1, n: 0, t: 2, e: 'writer', ...writer, writer: 'w2', role: 'cli', metadata }
      writeFileSync(join(here.dir, 'runs', run, 'w2.jsonl'), `${JSON.stringify(line)}\n`)
    }
    await using _lock = await lockEverywhere(there, run)
    expect(readdirSync(join(there.dir, 'runs', run))).toContain('w2.elsewhere.jsonl')
  })

  test('the lease of a certainly dead process is taken over, that of an unknown process is not', async () => {
    const { place, here } = await twoMachines(stage())
    const ledger = stage().open(place)
    const dead: LeaseHolder = { ...(await holderOf(stage(), place, here)), pid: 2 ** 31 - 1, lease: 'dead' }
    await ledger.lease(run, { ...dead, boot: 'another' })
    await expect(lockEverywhere(here, run)).rejects.toEqual(locked)
    await ledger.release(run, dead)
    await ledger.lease(run, dead)
    await using _lock = await lockEverywhere(here, run)
  })

  test('while the shared ledger is away, a run can be locked only by the machine that ran it', async () => {
    const { server, open } = stage()
    const { place, here, there } = await twoMachines(stage())
    await server.stop({ abruptly: true })
    try {
      await using _lock = await lockEverywhere(here, run)
      await expect(lockEverywhere(there, run)).rejects.toMatchObject({ code: 'DUSTPAN_LEDGER_AWAY' })
    } finally {
      await server.start()
    }
    expect(await open(place).runs()).toHaveLength(1)
  })

  test('a run that ended without leftovers is dropped when its time is over, and an unended one is kept', async () => {
    const place = await stage().newPlace()
    const settings = await settingsOf(place)
    record(settings)
    const journal = join(settings.dir, 'runs', run, 'w1.jsonl')
    const left = '20261121-051208-left01'
    mkdirSync(join(settings.dir, 'runs', left))
    writeFileSync(join(settings.dir, 'runs', left, 'w3.jsonl'), readFileSync(journal))
    appendFileSync(journal, `${JSON.stringify({ v: 1, n: 1, t: 2, e: 'run.ended', reason: 'passed' })}\n`)
    await shipRuns(settings, 60_000)
    await place.age(31 * 24 * 60)
    const next = beginRun(settings, 'test', {})
    const ledger = stage().open(place)
    const runs = async () => (await ledger.runs()).map((state) => state.run)
    while ((await runs()).length === 2) await setTimeout(100)
    expect(await runs()).toEqual([left])
    await next.end('passed')
  })
}

const run = '20261121-051207-lease1'

async function settingsOf({ config }: LedgerPlace): Promise<Settings> {
  const machine = openMachine(`export default { ledger: ${JSON.stringify(config)} }`, {})
  onTestFinished(() => machine[Symbol.dispose]())
  return loadSettings(machine.folder, {})
}

const identity = { host: 'h', boot: 'b', pid: 1, pidStart: '1', thread: 0 }
const writer = { writer: 'w1', run, role: 'main', runner: 'test', ...identity }
const metadata = { environment: 'local', agent: 'a', createdBy: 'dustpan', strategy: 'immediate' }

function record({ dir }: Settings): void {
  mkdirSync(join(dir, 'runs', run), { recursive: true })
  const line = { v: 1, n: 0, t: 1, e: 'writer', ...writer, metadata }
  writeFileSync(join(dir, 'runs', run, 'w1.jsonl'), `${JSON.stringify(line)}\n`)
}

/** A machine that has run the tests, and one that knows the run from the ledger. */
async function twoMachines({ newPlace }: Stage) {
  const place = await newPlace()
  const [here, there] = [await settingsOf(place), await settingsOf(place)]
  record(here)
  await shipRuns(here, 60_000)
  await bringInRuns(there)
  return { place, here, there }
}

const locked = expect.objectContaining({ code: 'DUSTPAN_RUN_LOCKED' })

/** A lease holder like this process's own, as another process that wants the lease sees it. */
async function holderOf({ open }: Stage, place: LedgerPlace, settings: Settings): Promise<LeaseHolder> {
  await using _lock = await lockEverywhere(settings, run)
  return (await open(place).lease(run, { lease: 'another', ...identity })) as LeaseHolder
}
