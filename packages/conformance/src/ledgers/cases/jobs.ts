/** Cases: jobs for later, shared by several machines. */
import { setTimeout } from 'node:timers/promises'
import type { Job, Jobs } from '@dustpan/core/ledger'
import { expect, onTestFinished, test } from 'vitest'
import type { LedgerCases, Stage } from '../stage.ts'
import type { LedgerPlace } from '../subject.ts'

export const jobs: LedgerCases = (stage) => {
  test('a job that several machines send is done once, by one of them, when it is due', async () => {
    const place = await stage().newPlace()
    const jobs = workers(stage(), place, 3)
    const runs = Array.from({ length: 12 }, (_, n) => `run-${n}`)
    const at = Date.now() + 1_500
    await Promise.all(jobs.flatMap((one) => runs.map((run) => one.send(clean(run), at))))
    const done: string[] = []
    const early: string[] = []
    await new Promise<void>((resolve, reject) => {
      for (const one of jobs)
        one
          .work(async (job) => {
            if (job.do === 'clean-run') done.push(job.run)
            if (Date.now() < at - 1_000) early.push(JSON.stringify(job))
            if (done.length >= runs.length) resolve()
          })
          .catch(reject)
    })
    await Promise.all(jobs.map((one) => one.stop()))
    expect([done.sort(), early, await place.jobsToDo()]).toEqual([runs.sort(), [], 0])
  })

  test('a finished job is not done again when another machine sends it later', async () => {
    const [one, two] = workers(stage(), await stage().newPlace(), 2) as [Jobs, Jobs]
    const at = Date.now() - 1_000
    await one.send(clean('run'), at)
    const done: Job[] = []
    const carryOut = async (job: Job) => void done.push(job)
    expect(await one.workOff(carryOut)).toBe(1)
    await two.send(clean('run'), at)
    expect([await two.workOff(carryOut), done]).toEqual([0, [clean('run')]])
  })

  test('a job that is not due yet stays pending', async () => {
    const place = await stage().newPlace()
    const [one] = workers(stage(), place, 1) as [Jobs]
    await one.send(clean('run'), Date.now() + 3_600_000)
    expect([await one.workOff(async () => {}), await place.jobsToDo()]).toEqual([0, 1])
  })

  test('a job that rejects stays pending, and is not retried at once', async () => {
    const place = await stage().newPlace()
    const [one] = workers(stage(), place, 1) as [Jobs]
    await one.send(clean('run'), Date.now() - 1_000)
    expect(await one.workOff(() => Promise.reject(new Error('something is left')))).toBe(1)
    expect([await one.workOff(async () => {}), await place.jobsToDo()]).toEqual([0, 1])
  })

  test('stop() waits for the job in progress, which no other machine does again', async () => {
    const place = await stage().newPlace()
    const [one, two] = workers(stage(), place, 2) as [Jobs, Jobs]
    await one.send(clean('run'), Date.now() - 1_000)
    const [begun, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const working = one.work(async () => {
      begun.resolve()
      await mayEnd.promise
    })
    await begun.promise
    const stopped = one.stop().then(() => 'stopped')
    expect(await Promise.race([stopped, setTimeout(500, 'waits')])).toBe('waits')
    mayEnd.resolve()
    await Promise.all([stopped, working])
    expect([await two.workOff(async () => {}), await place.jobsToDo()]).toEqual([0, 0])
  })

  test('the last schedule replaces earlier ones, and each of its times is done by one machine', async () => {
    const place = await stage().newPlace()
    const jobs = workers(stage(), place, 3)
    const entry = { cron: '* * * * *', timezone: 'UTC' }
    await jobs[0]?.schedule([{ ...entry, cron: '0 0 29 2 *', name: 'old' }])
    for (const one of jobs) await one.schedule([{ ...entry, name: 'every minute: wählt' }])
    const [done, begun]: [Job[], number] = [[], minutes()]
    await new Promise<void>((resolve, reject) => {
      for (const one of jobs)
        one
          .work(async (job) => {
            done.push(job)
            resolve()
          })
          .catch(reject)
    })
    await Promise.all(jobs.map((one) => one.stop()))
    expect(await place.crons()).toEqual([entry.cron])
    expect(new Set(done.map((job) => JSON.stringify(job)))).toEqual(
      new Set([JSON.stringify({ do: 'scheduled', entry: 'every minute: wählt' })]),
    )
    expect(done.length).toBeLessThanOrEqual(minutes() - begun + 1)
  })
}

/** The jobs of several working machines. */
function workers({ open }: Stage, place: LedgerPlace, count: number): readonly Jobs[] {
  const jobs = Array.from({ length: count }, () => open(place).jobs())
  onTestFinished(async () => void (await Promise.all(jobs.map((one) => one.stop()))))
  return jobs
}

const clean = (run: string): Job => ({ do: 'clean-run', run })
const minutes = (): number => Math.floor(Date.now() / 60_000)
