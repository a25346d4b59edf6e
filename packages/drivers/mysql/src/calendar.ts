const days = [31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether a date is in the calendar, or has a month or day of zero: a strict session rejects other dates (`2024-04-31`). */
export function isInCalendar(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split('-').map(Number)
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month <= 12 && day <= (month === 2 && !isLeap ? 28 : (days[month] ?? 0))
}
