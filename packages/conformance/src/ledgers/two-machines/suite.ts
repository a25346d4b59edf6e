/** Suite with two machines: real runs of Vitest and of the command line, on machines that vanish and on others. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeOn } from '../../servers/describe-on.ts'
import { once } from '../../servers/postgres.ts'
import { requireServer, type Server } from '../../servers/server.ts'
import type { LedgerSubject } from '../subject.ts'
import type { TestMachine } from './machine.ts'
import { configOf, type Site, siteOf, until } from './site.ts'

/** Time since a run was last seen, by the server's clock; longer than a live run is ever silent. */
const minutes = 11

export function twoMachinesSuite(subject: LedgerSubject): void {
  // Each test makes several runs of Vitest and of the command line, one after another.
  vi.setConfig({ testTimeout: 600_000 })
  describeOn(
    subject.kind,
    'two machines',
    (ledgers) => {
      let shops: Server
      beforeAll(async () => {
        shops = await requireServer('postgres')
      })
      afterAll(() => shops[Symbol.asyncDispose]())
      cases(subject, () => siteOf(shops, ledgers, subject))
    },
    subject.wanted,
  )
}

function cases(subject: LedgerSubject, newSite: () => Promise<Site>): void {
  test('leftovers of a vanished machine are found by another one, and removed after ten minutes of silence', async () => {
    const site = await newSite()
    const [one, two] = [site.machine(), site.machine()]
    const first = await one.shard('1/2')
    expect(first.exitCode, first.all as string).toBe(0)
    const killed = two.shard('2/2', { HANGS: '1' })
    await until(async () => (await site.sent()) === 2)
    const [id] = (await once(site.shop, "SELECT id FROM users WHERE name <> 'somebody else'")).rows.map((row) =>
      String(row.id),
    )

    const live = await one.dustpan(['orphans', '--execute'])
    expect([live.code, live.out, await site.names()]).toEqual([
      0,
      expect.stringContaining('No orphans'),
      ['b', 'somebody else'],
    ])
    const found = await one.dustpan(['whose', 'users', id as string, '--json'])
    expect(JSON.parse(found.out).found).toMatchObject([
      { key: id, state: 'live', build: 'build 7', flow: { titles: ['creates b'] } },
    ])

    killed.kill('SIGKILL')
    await killed
    two.vanish()
    await site.place.age(minutes)
    const orphans = await one.dustpan(['orphans', '--execute'], minutes)
    expect([orphans.code, await site.names()], orphans.out + orphans.err).toEqual([0, ['somebody else']])
    const repeated = await one.dustpan(['orphans', '--execute'], minutes)
    expect(repeated.out).toContain('No orphans')

    const third = site.machine()
    const afterwards = await third.dustpan(['whose', 'users', id as string, '--json'])
    expect(JSON.parse(afterwards.out).found).toMatchObject([{ state: 'removed' }])
  })

  test('a resource that only its own machine can reach stays pending until that machine removes it', async () => {
    const site = await newSite()
    const [one, two] = [site.machine(), site.machine()]
    await killed(one)
    await until(async () => (await site.sent()) === 1)
    await site.place.age(minutes)
    const there = await two.dustpan(['orphans', '--execute'], minutes)
    expect([there.code, existsSync(join(one.folder, 'left.txt'))], there.out + there.err).toEqual([1, true])
    const { resources } = JSON.parse((await two.dustpan(['list', one.run(), '--json'], minutes)).out)
    expect(resources).toMatchObject([{ state: 'pending', error: { code: 'DUSTPAN_WRONG_STORE' } }])
    const here = await one.dustpan(['orphans', '--execute'], minutes)
    expect([here.code, existsSync(join(one.folder, 'left.txt'))], here.out + here.err).toEqual([0, false])
    expect((await two.dustpan(['orphans'], minutes)).out).toContain('No orphans')
  })

  test('removals by the reaper after a killed run are seen by another machine', async () => {
    const site = await newSite()
    const [one, two] = [site.machine('reaper: true'), site.machine()]
    await killed(one)
    const run = one.run()
    const states = async () => {
      const { out } = await two.dustpan(['list', run, '--all', '--json'])
      const { resources = [] } = JSON.parse(out)
      return resources.map(({ state }: { state: string }) => state)
    }
    await until(async () => (await states()).includes('removed'))
    expect(existsSync(join(one.folder, 'left.txt'))).toBe(false)
  })

  test('a run passes with one DUSTPAN_LEDGER_AWAY while the ledger is away, and is sent by a later command', async () => {
    const site = await newSite()
    const [one, two] = [site.machine(undefined, subject.nowhere), site.machine()]
    const { exitCode, all } = await one.shard('1/2')
    expect([exitCode, String(all).match(/DUSTPAN_LEDGER_AWAY/g)?.length], String(all)).toEqual([0, 1])
    const list = await one.dustpan(['list'])
    expect([list.code, list.out, list.err]).toEqual([
      0,
      expect.stringContaining('vitest'),
      expect.stringContaining('DUSTPAN_LEDGER_AWAY'),
    ])
    // A job that removes what all machines left, on a machine that does not know all runs.
    const orphans = await one.dustpan(['orphans', '--yes'])
    expect([orphans.code, orphans.err]).toEqual([1, expect.stringContaining('DUSTPAN_LEDGER_AWAY')])
    expect(String(all) + list.out + list.err).not.toContain('pl4nted')
    expect((await two.dustpan(['list'])).out).toContain('No run has tracked anything yet')
    one.write({ 'dustpan.config.ts': configOf(site.shop, site.place.config) })
    expect((await one.dustpan(['list'])).err).toBe('')
    expect((await two.dustpan(['list'])).out).toContain('vitest')
  })

  test('delayed removals of a run are done by any machine that works when they are due', async () => {
    const site = await newSite()
    const [one, two] = [site.machine("cleanup: { strategy: 'delayed', delay: '30s' }"), site.machine()]
    expect((await one.shard('1/2')).exitCode).toBe(0)
    const worked: string[] = []
    const isClean = async () => {
      const { code, out, err } = await two.dustpan(['work', '--once'])
      worked.push(out)
      expect([code, err]).toEqual([0, ''])
      return (await site.names()).length === 1
    }
    await until(isClean)
    expect(worked.at(-1)).toContain('1 removed')
  })
}

const killedRun = fileURLToPath(new URL('../../../../cli/test/killed-run.ts', import.meta.url))

/** A run that left the file `left.txt`, and whose main process was killed. */
async function killed({ folder }: TestMachine): Promise<void> {
  const child = execa(process.execPath, [killedRun, folder], { reject: false, env: { DUSTPAN_REAPER: '1' } })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.kill('SIGKILL')
  await child
}
