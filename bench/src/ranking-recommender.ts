import { local } from '@milonga/adapters-local';
import { features, fromList, keepIf, linear, pipeline, type Source, topK } from '@milonga/coordinator';
import { defineRecommender, int32, type Recommender, string } from '@milonga/core';
import { type CandidateColumns, candidateFrame } from './candidate-frame.ts';
import { activity, gift, streamerName } from './gifts.ts';

const CANDIDATES = 500;
const input = { userId: string(), limit: int32() };

/** Candidates that are in memory with their 32 features already, as those of a pool's shard are. */
function fromMemory() {
  const frame = candidateFrame(CANDIDATES, 32);
  const numbers = frame.layout.names.filter((name) => name.startsWith('f'));
  const weights = Object.fromEntries(numbers.map((name, at) => [name, Math.sin(at + 1)]));
  const live: Source<unknown, CandidateColumns> = {
    name: 'live-streamers',
    columns: frame.layout.schema,
    fetch: () => frame,
  };
  return pipeline('from-memory', { input })
    .sources(live)
    .filter(
      keepIf('live', (item) => item.isLive),
      keepIf('fresh', (item) => item.fresh < 0.95),
      keepIf('category', (item) => item.category !== 'news'),
    )
    .score(linear<'score', never>('score', weights))
    .select(topK((query) => query.limit, 'score'))
    .returning('id', 'category', 'score');
}

/** The same number of candidates, whose view of five numbers is read from the online store for every request. */
function fromStore() {
  const ids = Array.from({ length: CANDIDATES }, (_, at) => streamerName(at));
  return pipeline('from-store', { input })
    .sources(fromList('on-air', ids))
    .hydrate(features(activity))
    .filter(
      keepIf('known', (item) => item.gifts > 0),
      keepIf('seen', (item) => item.gifters1d < 1e9),
    )
    .score(linear('score', { gifts: 1, gifts1h: 2, coins7d: 0.1, gifters1d: -1, trend: 0.5 }))
    .select(topK((query) => query.limit, 'score'))
    .returning('id', 'score');
}

/** One recommender with both pipelines; its state is in `dir`. */
export const rankingRecommender = (dir: string): Recommender =>
  defineRecommender({
    name: 'bench',
    adapters: [local({ dir })],
    events: [gift],
    views: [activity],
    pipelines: [fromMemory(), fromStore()],
  });
