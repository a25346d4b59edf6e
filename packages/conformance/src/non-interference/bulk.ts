/** Generates many small tests, as in large suites: most pass, some wait, print, fail or are skipped. */

const files = 10
const perFile = 36

/** @param header code that imports or defines `test`; bodies use Node's assertions, so that they are the same under every runner */
export function bulk(header: string, shapes: readonly Shape[] = [...passing, ...failing]): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: files }, (_, file) => [
      `bulk/bulk-${file}.test.js`,
      [header, imports, ...tests(file, shapes)].join('\n'),
    ]),
  )
}

const imports = `import assert from 'node:assert/strict'
import { add, newCart, total } from '../src/cart.js'
`

/** The code of a test, from its number. */
type Shape = (id: number) => string

const tests = (file: number, shapes: readonly Shape[]): string[] =>
  Array.from({ length: perFile }, (_, index) => shapes[(index + file) % shapes.length]?.(file * perFile + index) ?? '')

const passes: Shape = (id) => `test('cart ${id}', () => {
  assert.equal(total(add(newCart(), 'x', ${id}, 2)), ${id * 2})
})`

export const passing: readonly Shape[] = [
  passes,
  (id) => `test('waits ${id}', async () => {
  await new Promise((resolve) => setTimeout(resolve, ${id % 3}))
  assert.ok(total(newCart()) === 0)
})`,
  passes,
  (id) => `test('throws as expected ${id}', () => {
  assert.throws(() => add(newCart(), 'x', 1, -${id}), RangeError)
})`,
  passes,
  (id) => `test('prints ${id}', () => {
  console.log('number', ${id}, { nested: [${id}] })
})`,
  passes,
  (id) => `test.skip('skipped ${id}', () => {
  throw new Error('${id}')
})`,
  (id) => `test('rejects as expected ${id}', async () => {
  await assert.rejects(Promise.reject(new Error('${id}')), /${id}/)
})`,
]

const failing: readonly Shape[] = [
  (id) => `test('${id} fails', () => {
  assert.deepEqual(add(newCart('c${id}'), 'x', 1).lines, [{ name: 'y', price: 1, quantity: 1 }])
})`,
]
