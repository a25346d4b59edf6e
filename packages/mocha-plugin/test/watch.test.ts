/** `--watch`: each re-run is a run of its own. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startApi } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { api, createProject } from './project.ts'

const suite = (type: string) => `${api}
require('@dustpan/core').temporaryFolder('top')
it('passes', async () => { await create('${type}') })`
const fixtures = `${api}
exports.mochaGlobalSetup = () => create('tenants')`

test.each([[[]], [['--parallel']]])('%s: each re-run removes its data before Mocha waits for changes', async (args) => {
  await using server = await startApi()
  await using project = await createProject({ 'test/a.js': suite('users'), 'fixtures.js': fixtures })
  const watch = ['--watch', '--watch-files=test', '--require=./fixtures.js']
  const running = project.start([...watch, ...args], { API: server.url })
  let output = ''
  running.all?.on('data', (chunk) => {
    output += chunk
  })
  const until = async (text: RegExp) => {
    while (!text.test(output)) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await until(/waiting for changes/)
  expect(server.left(), output).toEqual(['tenants/1'])
  writeFileSync(join(project.folder, 'test/a.js'), suite('orders'))
  await until(/waiting for changes[\s\S]*waiting for changes/)
  running.kill('SIGINT')
  const { exitCode } = await running

  expect(exitCode).toBe(130)
  expect(output).toMatch(
    /Dustpan {2}2 tracked · 2 removed[\s\S]*user 2[\s\S]*Dustpan {2}2 tracked · 2 removed[\s\S]*order 3/,
  )
  expect(readdirSync(join(project.folder, '.dustpan', 'runs'))).toHaveLength(2)
  expect(server.left()).toEqual(['tenants/1'])
})

test('Ctrl-C while tests run in watch mode removes their data', async () => {
  await using server = await startApi()
  const slow = `${api}\nit('is interrupted', async function () { this.timeout(0); await create('users'); await new Promise(() => setTimeout(() => {}, 30_000)) })`
  await using project = await createProject({ 'test/a.js': slow })
  const running = project.start(['--watch', '--watch-files=test'], { API: server.url })
  while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  running.kill('SIGINT')
  const { exitCode, all } = await running

  expect(exitCode, all).toBe(130)
  expect(server.left()).toEqual([])
})
