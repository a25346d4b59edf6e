test('inline, written', () => expect({ a: [1] }).toMatchInlineSnapshot())
test('inline, corrected', () => {
  expect('is').toMatchInlineSnapshot(`"was"`)
  expect('second').toMatchInlineSnapshot()
})
test('file', () => expect('x').toMatchSnapshot())
