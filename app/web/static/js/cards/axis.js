/** Where days lie on a line of years. */

const DAY_MS = 86_400_000;
/** The share of the days left free before the first and after the last, so that open ends are seen; a year at least. */
const MARGIN = 0.15;
const LEAST_MARGIN = 380;
const MOST_YEARS = 6;
const YEAR_STEPS = [1, 2, 5, 10, 20, 50, 100];

const numberOf = (iso) => Date.parse(iso) / DAY_MS;

/**
 * Make the line that shows some days.
 * @param {(string|null)[]} days ISO days; nulls are left out, one day must be left
 * @returns {{shareOf: (iso: string) => number, years: {year: string, at: number}[]}}
 *   `shareOf` gives where a day lies, 0 to 1, days beyond the line at its ends
 */
export function axisOf(days) {
  const numbers = days.filter(Boolean).map(numberOf);
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const margin = Math.max(LEAST_MARGIN, (last - first) * MARGIN);
  const [start, length] = [first - margin, last - first + 2 * margin];
  const shareOf = (iso) => Math.min(1, Math.max(0, (numberOf(iso) - start) / length));
  return { shareOf, years: yearsOf(start, start + length, shareOf) };
}

function yearsOf(start, end, shareOf) {
  const yearOf = (number) => new Date(number * DAY_MS).getUTCFullYear();
  const [from, to] = [yearOf(start) + 1, yearOf(end)];
  const step = YEAR_STEPS.find((one) => Math.floor(to / one) - Math.ceil(from / one) < MOST_YEARS) ?? 500;
  const years = [];
  for (let year = Math.ceil(from / step) * step; year <= to; year += step)
    years.push({ year: String(year), at: shareOf(`${year}-01-01`) });
  return years;
}
