/**
 * Where Synod keeps things when nobody says otherwise (XDG base directories), and how a path is shown to people.
 */
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Folder of the devnet called "local": `$XDG_DATA_HOME/synod/devnet/local`. */
export function defaultDataDirectory(environment: Environment): string {
  return join(xdg(environment, 'XDG_DATA_HOME', '.local/share'), 'synod', 'devnet', 'local');
}

/** Folder of a node that joined a chain: `$XDG_DATA_HOME/synod/node/CHAIN`. */
export function nodeDirectory(environment: Environment, chainId: string): string {
  return join(xdg(environment, 'XDG_DATA_HOME', '.local/share'), 'synod', 'node', chainId);
}

/** Folder of keystores that were made without naming a file: `$XDG_DATA_HOME/synod/keys`. */
export function keysDirectory(environment: Environment): string {
  return join(xdg(environment, 'XDG_DATA_HOME', '.local/share'), 'synod', 'keys');
}

/** Folder of converted models: `$XDG_CACHE_HOME/synod/models`. */
export function modelCacheDirectory(environment: Environment): string {
  return join(xdg(environment, 'XDG_CACHE_HOME', '.cache'), 'synod', 'models');
}

/** Folder of knowledge that a user built, where no other is named: `$XDG_DATA_HOME/synod/knowledge/DOMAIN`. */
export function knowledgeDirectory(environment: Environment, domain: string): string {
  return join(xdg(environment, 'XDG_DATA_HOME', '.local/share'), 'synod', 'knowledge', domain);
}

/** Adapter that a user trained, where no other file is named: `$XDG_DATA_HOME/synod/adapters/DOMAIN.adapter`. */
export function adapterFile(environment: Environment, domain: string): string {
  return join(xdg(environment, 'XDG_DATA_HOME', '.local/share'), 'synod', 'adapters', `${domain}.adapter`);
}

/** Versions that were made anew: `$XDG_DATA_HOME/synod/rebuilt/CHAIN`. */
export function rebuiltDirectory(environment: Environment, chainId: string): string {
  return join(xdg(environment, 'XDG_DATA_HOME', '.local/share'), 'synod', 'rebuilt', chainId);
}

/** Folder of a user's own adapter for a domain: `$XDG_DATA_HOME/synod/personal/DOMAIN`. */
export function personalDirectory(environment: Environment, domain: string): string {
  return join(xdg(environment, 'XDG_DATA_HOME', '.local/share'), 'synod', 'personal', domain);
}

/** Folder of downloaded sources of knowledge: `$XDG_CACHE_HOME/synod/knowledge`. */
export function knowledgeCacheDirectory(environment: Environment): string {
  return join(xdg(environment, 'XDG_CACHE_HOME', '.cache'), 'synod', 'knowledge');
}

/** Folder of compiled modules, which Node may throw away and make again at any time: `$XDG_CACHE_HOME/synod/compiled`. */
export function compileCacheDirectory(environment: Environment): string {
  return join(xdg(environment, 'XDG_CACHE_HOME', '.cache'), 'synod', 'compiled');
}

/** Folder of bundles, which may be thrown away while nothing runs: `$XDG_CACHE_HOME/synod/bundled`. */
export function bundleDirectory(environment: Environment): string {
  return join(xdg(environment, 'XDG_CACHE_HOME', '.cache'), 'synod', 'bundled');
}

/** Folder of a user's settings: `$XDG_CONFIG_HOME/synod`. */
export function configDirectory(environment: Environment): string {
  return join(xdg(environment, 'XDG_CONFIG_HOME', '.config'), 'synod');
}

/** The path with the home folder as `~`, for messages. */
export function displayPath(path: string): string {
  const home = homedir();
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

function xdg(environment: Environment, name: string, fallback: string): string {
  const configured = environment[name];
  // The XDG specification: a relative path is to be ignored.
  return configured !== undefined && isAbsolute(configured) ? configured : resolve(homedir(), fallback);
}
