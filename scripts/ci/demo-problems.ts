import type { Report } from '../../examples/online-retail/src/report/report.ts';

/** What even a short run of the demo must show; each sentence says what was expected and what was found. */
export const demoProblems = ({ events, models, requests, quality }: Report): string[] => {
  const problems: string[] = [];
  const expectThat = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const live = models.filter(({ swappedAt }) => swappedAt !== null);
  expectThat(events.read > 0, `events must be read; found ${events.read}`);
  expectThat(
    events.accepted + events.quarantined === events.read,
    `every event must be accepted or quarantined; read ${events.read}, accepted ${events.accepted}, ` +
      `quarantined ${events.quarantined}`,
  );
  expectThat(live.length > 0, `a model must go live; found ${models.length} versions and none live`);
  expectThat(requests.count > 0, `requests must be made; found ${requests.count}`);
  expectThat(requests.failed === 0, `no request may fail; found ${requests.failed}`);
  expectThat(quality.requests > 0, `slates must be evaluated; found ${quality.requests}`);
  expectThat(
    quality.milonga.ndcg20 > quality.popular.ndcg20,
    `slates must beat the popular items; found NDCG@20 ${quality.milonga.ndcg20} against ${quality.popular.ndcg20}`,
  );
  return problems;
};
