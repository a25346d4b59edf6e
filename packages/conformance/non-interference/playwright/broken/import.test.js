import { deep } from '../src/failing.js'
import { test } from '../support/test.js'

deep(1)
test('is never collected', () => {})
