import { observe } from '../observe/observe.js'
import { surface } from '../observe/surface.js'

test('the surface', () => {
  const found = surface()
  observe('surface', found)
  expect(Object.keys(found).length).toBeGreaterThan(3000)
})
