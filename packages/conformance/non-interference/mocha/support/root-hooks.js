/** The user's own, loaded as Dustpan is. */
export const mochaHooks = {
  beforeAll: [() => console.log('root beforeAll')],
  beforeEach() {
    if (this.currentTest.title.includes('traced')) console.log('root beforeEach', this.currentTest.title)
  },
  afterEach() {
    if (this.currentTest.title.includes('traced')) console.log('root afterEach', this.currentTest.title)
  },
  afterAll() {
    console.log('root afterAll')
  },
}
export const mochaGlobalSetup = () => console.log('global setup')
export const mochaGlobalTeardown = () => console.log('global teardown')
