import { Violation, type ViolationKind } from '../database/violation.ts'

/** A response with an error status. */
export class HttpError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export const notFound = () => new HttpError(404, 'There is nothing here')

const violationStatus: Record<ViolationKind, number> = { unique: 409, reference: 409, value: 400 }

export function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status
  if (error instanceof Violation) return violationStatus[error.kind]
  if (error instanceof URIError) return 400
  return 500
}
