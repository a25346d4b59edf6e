import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serversReport } from '../../services/report.ts'
import { root } from '../../workspace.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'servers-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function reportOf(uses: readonly object[]): Promise<string[]> {
  const list = join(folder, 'servers.jsonl')
  await writeFile(list, uses.map((use) => `${JSON.stringify(use)}\n`).join(''))
  return serversReport(list)
}

const mysqlFile = (name: string) => join(root, 'packages/drivers/mysql/test', name)

test('each server is listed with the packages tested on it, counting each file once', async () => {
  const lines = await reportOf([
    { file: mysqlFile('removal/remove.test.ts'), kind: 'mariadb', product: 'MariaDB 10.11.19' },
    { file: mysqlFile('removal/remove.test.ts'), kind: 'mariadb', product: 'MariaDB 10.11.19' },
    { file: mysqlFile('capture/forms.test.ts'), kind: 'mariadb', product: 'MariaDB 10.11.19' },
    { file: join(root, 'packages/conformance/test/a.test.ts'), kind: 'mariadb', product: 'MariaDB 10.11.19' },
  ])
  expect(lines).toEqual(['MariaDB 10.11.19: packages/drivers/mysql (2 files), packages/conformance (1 file)'])
})

test('packages tested without a server are listed with the reason', async () => {
  const lines = await reportOf([{ file: mysqlFile('a.test.ts'), kind: 'mysql', missing: 'no mysqld on this machine' }])
  expect(lines).toEqual(['without mysql (no mysqld on this machine): packages/drivers/mysql (1 file)'])
})

test('the report is empty when no test used a server', async () => {
  expect(await serversReport(join(folder, 'none'))).toEqual([])
})
