/** Watch mode: each re-run is a run of its own, with the configuration that was read at the start. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createProject } from './project.ts'

const suite = (name: string) => `
import { temporaryFolder } from '@dustpan/core'
import { test } from 'vitest'
test('${name}', () => { temporaryFolder('${name}') })
`
const config = (strategy: string) => `export default { cleanup: { strategy: '${strategy}' } }\n`

test('a changed configuration takes effect only after a restart, and warns with DUSTPAN_CONFIG_CHANGED once', async () => {
  const files = { 'a.test.ts': suite('one'), 'dustpan.config.mjs': config('immediate') }
  await using project = await createProject(files, '5', 'watch')
  const running = project.start(['--reporter=default'])
  let output = ''
  running.all?.on('data', (chunk) => {
    output += chunk
  })
  const runs = async (count: number) => {
    while (output.split('Waiting for file changes').length <= count)
      await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await runs(1)
  expect(output).not.toContain('DUSTPAN_')
  writeFileSync(join(project.folder, 'dustpan.config.mjs'), config('manual'))
  writeFileSync(join(project.folder, 'a.test.ts'), suite('two'))
  await runs(2)
  expect(output.match(/dustpan: DUSTPAN_CONFIG_CHANGED: .*dustpan\.config\.mjs changed after/g), output).toHaveLength(1)
  writeFileSync(join(project.folder, 'a.test.ts'), suite('three'))
  await runs(3)
  running.kill('SIGINT')
  await running

  expect(output.match(/DUSTPAN_CONFIG_CHANGED/g), output).toHaveLength(1)
  expect(output.match(/Dustpan {2}1 tracked · 1 removed/g), output).toHaveLength(3)
  expect(readdirSync(join(project.folder, '.dustpan', 'runs'))).toHaveLength(3)
})
