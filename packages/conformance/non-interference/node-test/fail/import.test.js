import { test } from 'node:test'
import { deep } from '../src/failing.js'

deep(1)
test('is never collected', () => {})
