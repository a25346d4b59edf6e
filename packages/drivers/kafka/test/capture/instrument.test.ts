import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { driverContext } from '@dustpan/conformance/drivers/driver'
import * as kafkajs from 'kafkajs'
import { expect, onTestFinished, test, vi } from 'vitest'
import { problemOf } from '../../src/capture/instrument.ts'
import { createDriver } from '../../src/index.ts'

function project(name: string, version: string): string {
  const root = mkdtempSync(join(tmpdir(), 'dustpan-kafka-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }))
  const library = join(root, 'node_modules', name)
  mkdirSync(library, { recursive: true })
  writeFileSync(join(library, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }))
  writeFileSync(join(library, 'index.js'), '')
  return root
}

test('DUSTPAN_DRIVER_UNAVAILABLE: an unsupported version is not instrumented, and the warning says what to install', () => {
  const driver = createDriver('kafka', {}, driverContext(project('kafkajs', '1.16.0')))
  const warn = vi.fn()
  const { producer } = kafkajs.Kafka.prototype
  driver.instruments?.find(({ module }) => module === 'kafkajs')?.install(kafkajs, { warn } as never)
  expect(kafkajs.Kafka.prototype.producer).toBe(producer)
  expect(warn.mock.calls).toEqual([
    [
      'DUSTPAN_DRIVER_UNAVAILABLE',
      'kafkajs',
      expect.stringMatching(
        /kafkajs is version 1\.16\.0, but \^2\.2\.4 is supported.*npm install --save-dev kafkajs@\^2\.2\.4/,
      ),
    ],
  ])
})

test.each([
  ['22.18.0', false],
  ['22.22.0', true],
  ['23.11.1', false],
  ['24.5.0', false],
  ['24.6.0', true],
  ['26.0.0', true],
])('@platformatic/kafka on Node %s is supported: %s', (node, runs) => {
  const library = { name: '@platformatic/kafka', range: '^2.2.3', node: ['22.22', '24.6'] }
  const problem = problemOf(library, project(library.name, '2.5.0'), node)
  expect(problem === undefined).toBe(runs)
  if (!runs) expect(problem).toContain(node)
})
