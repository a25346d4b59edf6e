import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CaptureSink, Instrument } from '../../src/resource/capture.ts'
import { watchModules } from '../../src/runner/module-watch.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dustpan-modules-'))
  const client = join(folder, 'node_modules', 'shop-client')
  await mkdir(client, { recursive: true })
  await writeFile(join(client, 'package.json'), '{ "exports": { ".": "./index.js", "./promise": "./promise.js" } }')
  await writeFile(join(client, 'index.js'), 'exports.Client = class Client {}')
  await writeFile(join(client, 'promise.js'), 'exports.connect = () => new (require("./index.js").Client)()')
})
afterEach(() => rm(folder, { recursive: true }))

test.each(['shop-client', 'shop-client/promise'])('%s delivers the package’s classes once', (specifier) => {
  const delivered: unknown[] = []
  const require = createRequire(join(folder, 'shop.test.js'))
  {
    using _ = watchModules([instrumentOf(delivered)], {} as CaptureSink)
    require(specifier)
    require(specifier)
  }
  expect(delivered).toEqual([require('shop-client')])
})

test('every driver instance receives the module', () => {
  const [one, another]: [unknown[], unknown[]] = [[], []]
  using _ = watchModules([instrumentOf(one), instrumentOf(another)], {} as CaptureSink)

  createRequire(join(folder, 'shop.test.js'))('shop-client')

  expect([one.length, another.length]).toEqual([1, 1])
})

test.each(['shop-client', 'shop-client/promise'])('%s is delivered to instances in their order', (specifier) => {
  const order: number[] = []
  const require = createRequire(join(folder, 'shop.test.js'))
  const installed = (one: number) => {
    require.resolve('shop-client') // as a version check does
    order.push(one)
  }
  const instances = [1, 2, 3].map((one) => instrumentOf([], () => installed(one)))
  using _ = watchModules(instances, {} as CaptureSink)

  require(specifier)

  expect(order).toEqual([1, 2, 3])
})

function instrumentOf(delivered: unknown[], installed: () => unknown = () => {}): Instrument {
  return {
    module: 'shop-client',
    accepts: (exports) => typeof (exports as { Client?: unknown }).Client === 'function',
    install(exports) {
      delivered.push(exports)
      installed()
      return { [Symbol.dispose]() {} }
    },
  }
}
