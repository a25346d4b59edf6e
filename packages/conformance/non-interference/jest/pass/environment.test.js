/** @jest-environment ./support/environment.cjs
 *  @jest-environment-options {"an": "option"}
 */
test('is the custom one', () => expect(JSON.parse(fromEnvironment)).toEqual({ an: 'option' }))
test.concurrent('events of concurrent tests', async () => {})
test.todo('to do')
test.skip('skipped', () => {})
