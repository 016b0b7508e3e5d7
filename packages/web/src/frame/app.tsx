/** The frame around every page: navigation, health strip, the page of the present address, help. */
import type { ComponentType, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Problem, problemOf } from '../api/problem.ts';
import { status } from '../live/chain-live.ts';
import { type PageProps, type Route, routes } from '../routes.ts';
import { Page } from '../ui/panel.tsx';
import { Empty, Failure, Loading } from '../ui/states.tsx';
import { Go } from '../ui/values.tsx';
import { matchPath, place } from './hash-router.ts';
import { HealthStrip } from './health-strip.tsx';
import { Help } from './help.tsx';
import { Navigation, PageFoot } from './navigation.tsx';

export function App(): VNode {
  const main = useRef<HTMLElement>(null);
  const now = status.value;
  const { path, query } = place.value;
  const found = findRoute(path);
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) main.current?.focus({ preventScroll: true });
    isFirst.current = false;
    scrollTo(0, 0);
  }, [path]);
  useEffect(() => {
    document.title = found === null ? 'Synod' : `${found.route.title} · Synod`;
  });
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <Navigation />
      <div class="stage">
        <HealthStrip />
        <main id="main" ref={main} tabIndex={-1}>
          {found === null ? <NoPage path={path} /> : <Routed key={path} {...found} query={query} />}
        </main>
        {now !== null && <PageFoot chainId={now.chainId} version={now.version} name={now.name} />}
      </div>
      <Help />
    </>
  );
}

type Found = { readonly route: Route; readonly params: PageProps['params'] };

function findRoute(path: string): Found | null {
  for (const route of routes) {
    const params = matchPath(route.path, path);
    if (params !== null) return { route, params };
  }
  return null;
}

const loadedPages = new Map<Route, ComponentType<PageProps>>();

/** Loads the page's code on first use. */
function Routed({ route, params, query }: Found & { readonly query: URLSearchParams }): VNode {
  const [, setTurn] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const Content = loadedPages.get(route);
  useEffect(() => {
    if (loadedPages.has(route)) return;
    route.load().then(
      (component) => {
        loadedPages.set(route, component);
        setTurn((turn) => turn + 1);
      },
      (error: unknown) => setProblem(problemOf(error)),
    );
  }, [route]);
  if (problem !== null) {
    const next = 'Reload the page: the node may serve a newer version now.';
    return <Failure problem={{ ...problem, next }} onRetry={() => location.reload()} />;
  }
  return Content === undefined ? <Loading what={route.title} /> : <Content params={params} query={query} />;
}

function NoPage({ path }: { readonly path: string }): VNode {
  return (
    <Page title="No such page">
      <Empty title={`Nothing is at ${path}.`}>
        <Go to="/ask">Ask something</Go>, or look at the <Go to="/network">network</Go>.
      </Empty>
    </Page>
  );
}
