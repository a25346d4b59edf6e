import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { folderOf, startExample } from './example-server.ts'

test('a started program has a folder and a port, and disposing of it frees both', async () => {
  const example = await startExample()
  const folder = await folderOf(example.port)
  expect(existsSync(folder)).toBe(true)
  await example[Symbol.asyncDispose]()
  expect(existsSync(folder)).toBe(false)
  await expect(folderOf(example.port)).rejects.toThrow('fetch failed')
})

test.each([true, false])(
  'a program that is stopped (abruptly: %s) and started again has the same port and data',
  async (abruptly) => {
    await using example = await startExample()
    const folder = await folderOf(example.port)
    await example.stop({ abruptly })
    await expect(folderOf(example.port)).rejects.toThrow('fetch failed')
    await example.start()
    expect(await folderOf(example.port)).toBe(folder)
  },
)

test('disposing of a stopped program removes its folder', async () => {
  const example = await startExample()
  const folder = await folderOf(example.port)
  await example.stop()
  await example[Symbol.asyncDispose]()
  expect(existsSync(folder)).toBe(false)
})

test('a program that exits at once is an error with its output', async () => {
  await expect(startExample({ broken: true })).rejects.toThrow('no port is called 0')
})

test('the folder is removed when prepare() fails', async () => {
  const failure: unknown = await startExample({ unprepared: true }).catch((error: unknown) => error)
  const [, folder = ''] = /^not prepared: (.*)$/.exec((failure as Error).message) ?? []
  expect(folder).not.toBe('')
  expect(existsSync(folder)).toBe(false)
})

test('the program and its folder are removed when the process that started it is killed', async () => {
  const owner = spawn(process.execPath, [fileURLToPath(new URL('./example-server.ts', import.meta.url))])
  const [printed] = await once(owner.stdout, 'data')
  const folder = await folderOf(Number(printed))
  owner.kill('SIGKILL')
  await vi.waitUntil(() => !existsSync(folder))
  await expect(folderOf(Number(printed))).rejects.toThrow('fetch failed')
})
