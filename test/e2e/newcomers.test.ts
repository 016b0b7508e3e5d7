/** A node that joins and a home that is synced take one devnet, in this order: the last module stops it at its end. */
import './join.ts';
import './sync.ts';
