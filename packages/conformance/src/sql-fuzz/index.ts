export { difference } from './difference.ts'
export { Random } from './random.ts'
export { shrunk } from './shrunk.ts'
