import { expect, test } from 'vitest'

test('mismatch', () => expect({ a: 1, b: [1, 2, 3] }).toMatchSnapshot())
test('new', () => expect('new').toMatchSnapshot())
test('inline mismatch', () => expect('is').toMatchInlineSnapshot(`"was"`))
test('inline new', () => expect({ is: 'new' }).toMatchInlineSnapshot())
