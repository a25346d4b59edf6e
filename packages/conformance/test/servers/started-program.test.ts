import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { folderOf, startExample } from './example-server.ts'

test('it has an empty folder and a port, and both are free again afterwards', async () => {
  const example = await startExample()
  const folder = await folderOf(example.port)
  expect(existsSync(folder)).toBe(true)
  await example[Symbol.asyncDispose]()
  expect(existsSync(folder)).toBe(false)
  await expect(folderOf(example.port)).rejects.toThrow('fetch failed')
})

test.each([true, false])('stopped (abruptly: %s) and started again it has the same port and data', async (abruptly) => {
  await using example = await startExample()
  const folder = await folderOf(example.port)
  await example.stop({ abruptly })
  await expect(folderOf(example.port)).rejects.toThrow('fetch failed')
  await example.start()
  expect(await folderOf(example.port)).toBe(folder)
})

test('disposed of while it is stopped, its folder goes too', async () => {
  const example = await startExample()
  const folder = await folderOf(example.port)
  await example.stop()
  await example[Symbol.asyncDispose]()
  expect(existsSync(folder)).toBe(false)
})

test('a program that ends at once is an error with what it said', async () => {
  await expect(startExample({ broken: true })).rejects.toThrow('no port is called 0')
})

test('a folder that could not be filled goes too', async () => {
  const failure: unknown = await startExample({ unprepared: true }).catch((error: unknown) => error)
  const [, folder = ''] = /^not prepared: (.*)$/.exec((failure as Error).message) ?? []
  expect(folder).not.toBe('')
  expect(existsSync(folder)).toBe(false)
})

test('killed with no time to clean up, the process leaves neither server nor folder', async () => {
  const owner = spawn(process.execPath, [fileURLToPath(new URL('./example-server.ts', import.meta.url))])
  const [printed] = await once(owner.stdout, 'data')
  const folder = await folderOf(Number(printed))
  owner.kill('SIGKILL')
  await vi.waitUntil(() => !existsSync(folder))
  await expect(folderOf(Number(printed))).rejects.toThrow('fetch failed')
})
