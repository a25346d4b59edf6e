import { expect, test } from 'vitest'

interface Line {
  readonly name: string
  readonly price: number
}
const lines: readonly Line[] = [{ name: 'tea', price: 2 }]
test('TypeScript', () => {
  const [first] = lines satisfies readonly Line[]
  expect(first?.price as number).toBe(2)
})
