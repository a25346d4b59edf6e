import { expect, test } from 'vitest'
import { exportedNames } from '../../checks/export-lists.ts'

test('lists every export as a value or a type', () => {
  const source = `
    export { a, b as c } from './a.ts'
    export { type D } from './d.ts'
    export type { E } from './e.ts'
    export interface F {}
    export const g = 1
    export default function h() {}
  `
  expect(exportedNames('index.ts', source)).toEqual([
    'value a',
    'value c',
    'type D',
    'type E',
    'type F',
    'value g',
    'value default',
  ])
})

test('refuses `export *`', () => {
  expect(() => exportedNames('index.ts', `export * from './a.ts'`)).toThrow(
    'index.ts: "export *" hides what is exported',
  )
})
