import { Refusal } from '../refusal.ts'
import type { TestDataType } from '../store.ts'

export const notOffered = (type: string, name: keyof TestDataType): Refusal =>
  new Refusal(501, 'not-offered', `The application offers no ${name} for ${type}`)
