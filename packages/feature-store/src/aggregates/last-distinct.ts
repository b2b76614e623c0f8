import { type ListType, MilongaError, type StringType } from '@milonga/core';
import { RecentTextsWalk } from '../history/text-walks.ts';
import { textListForm, textListType } from '../online/text-list-form.ts';
import type { Aggregate } from './aggregate.ts';
import { fieldType, type TextType, type WindowableFeature, windowable } from './feature.ts';
import { addRecent, mergeRecent, type RecentTexts } from './recent-texts.ts';

const MOST = 1_000;

/**
 * The `most` different values of a text that were seen last, the newest first; of those seen at one moment, in order of
 * their UTF-8 bytes. An unknown entity has an empty list.
 *
 * @throws MilongaError `MILONGA_DEFINITION_INVALID` when the event has no such text, or unless `most` is 1 to 1,000.
 * @example `lastGifters: lastDistinct('userId', 50)`
 */
export function lastDistinct<const Field extends string>(
  field: Field,
  most: number,
): WindowableFeature<ListType<StringType>, { readonly [Name in Field]: TextType }> {
  if (!(Number.isInteger(most) && most >= 1 && most <= MOST)) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `lastDistinct('${field}') keeps 1 to ${MOST} values; found ${most}.`,
    );
  }
  return windowable(textListType, (fields) => {
    fieldType(fields, field, 'lastDistinct', ['string', 'enumeration']);
    return lastDistinctOf(field, most) as Aggregate;
  });
}

const lastDistinctOf = (field: string, most: number): Aggregate<RecentTexts> => ({
  description: `lastDistinct(${field}, ${most})`,
  field,
  type: textListType,
  identity: () => [],
  absorb: (state, value, eventAt) => addRecent(state, value as string, eventAt, most),
  merge: (state, other) => mergeRecent(state, other, most),
  write: (state, to) => {
    to.varint(state.length);
    let before = state[0]?.at ?? 0;
    to.varint(before);
    for (const { text, at } of state) {
      to.varint(before - at);
      to.text(text);
      before = at;
    }
  },
  read: (from) => {
    const texts = new Array<{ text: string; at: number }>(from.varint());
    let at = from.varint();
    for (let place = 0; place < texts.length; place += 1) {
      at -= from.varint();
      texts[place] = { text: from.text(), at };
    }
    return texts;
  },
  online: textListForm(most),
  sql: { per: 'value', expressions: () => [], needsTile: false, walk: (window) => new RecentTextsWalk(window, most) },
});
