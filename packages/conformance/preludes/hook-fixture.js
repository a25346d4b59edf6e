/** What stands for a fixture where the runner has none: a resource that hooks provide. */
export const hookFixture =
  ({ suite, test, beforeEach, afterEach }) =>
  (provide) =>
  (name, body) => {
    suite('with a fixture', {}, () => {
      let thing
      let release
      let provided
      beforeEach(async () => {
        await new Promise((ready, fail) => {
          const use = (it) => {
            thing = it
            ready()
            return new Promise((resolve) => {
              release = resolve
            })
          }
          provided = provide(use)
          provided.catch(fail)
        })
      })
      test(name, {}, () => body(thing))
      afterEach(async () => {
        if (!release) return
        release()
        await provided
      })
    })
  }
