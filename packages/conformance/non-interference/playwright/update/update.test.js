import { expect, test } from '../support/test.js'

test('file', () => expect('x').toMatchSnapshot('x.txt'))
