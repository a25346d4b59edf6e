/** The ledger on a full disk. */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { beginIn, projectFolder } from '../../src/run/index.ts'
import { mountSmallDisk } from '../../src/small-disk.ts'

test('resources created on a full disk are removed by the process, and earlier records stay readable', async ({
  skip,
}) => {
  const project = projectFolder('@dustpan/sqlite', { cleanup: { strategy: 'conditional' } })
  const disk = mountSmallDisk(join(project, '.dustpan'), 1024)
  if ('missing' in disk) return skip(disk.missing)
  const elsewhere = mkdtempSync(join(tmpdir(), 'dustpan-files-'))
  const file = (name: string) => {
    writeFileSync(join(elsewhere, name), name)
    track({ type: 'file', id: join(elsewhere, name) })
    return join(elsewhere, name)
  }
  await using run = await beginIn(project, [])
  // Unmounted before its folder is removed.
  using _ = disk

  const kept: string[] = []
  await run.test(async () => void kept.push(file('kept')), 'failed')
  const made: string[] = []
  const report = await run.test(async () => {
    disk.fill()
    for (let i = 0; i < 200; i++) made.push(file(`made-${i}`))
  })
  expect(made.filter(existsSync)).toEqual([])
  expect(report?.warnings).toContainEqual(
    expect.objectContaining({ code: 'DUSTPAN_LEDGER_UNWRITABLE', message: expect.stringContaining('ENOSPC') }),
  )
  expect(run.resources().find(({ key }) => key === kept[0])?.state).toBe('kept')

  disk.free()
  await run.test(async () => void kept.push(file('kept later')), 'failed')
  await run.end()
  const inState = (wanted: string) => run.resources().flatMap(({ key, state }) => (state === wanted ? [key] : []))
  expect(inState('kept')).toEqual(kept)
  expect(inState('removed')).toEqual(made)
  expect(kept.filter(existsSync)).toEqual(kept)
})
