/**
 * What outsiders do, what nobody should, and what nodes do that lie: three modules whose tests take one devnet, in this order, because
 * starting another costs more than most of them. The last module kills a node of it at its end.
 */
import './edges.ts';
import './bad-input.ts';
import './coordinator.ts';
