import { test } from '../support/test.js'

test('left out', () => {})
test.only('the only one', () => {})
