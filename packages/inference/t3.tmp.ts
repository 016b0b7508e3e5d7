import { readFileSync } from 'node:fs';
import { loadEngine } from './src/engine/engine.ts';
const mem=(l:string)=>{const s=readFileSync('/proc/self/smaps_rollup','utf8');const g=(k:string)=>+(s.match(new RegExp('^'+k+':\\s+(\\d+)','m'))![1]!)>>10;console.log('   mem',l,'Rss',g('Rss'),'Pss',g('Pss'),'Anon',g('Anonymous'),'heap',process.memoryUsage().heapUsed>>20,'ext',process.memoryUsage().arrayBuffers>>20)};
mem('start');let t=performance.now();
const e=await loadEngine('/tmp/inf-default'); console.log('load',performance.now()-t|0); mem('load');
const control={signal:new AbortController().signal,checkpoint:async()=>{}};
for (const q of ['What is the capital of France?','Why is the sky blue?','Explain how plants make food.']) { t=performance.now();let first=0;
const r=await e.generate({messages:[{role:'user',content:q}],profile:{instruction:'',temperature:0,topP:1,maxTokens:60},seed:1,stop:[]},{...control,onText:x=>{first||=performance.now();}});
const d=performance.now();console.log(r.text, r.finish,r.tokens.length,'first',first-t|0,'tok/s',((r.tokens.length-1)/(d-first)*1000).toFixed(1)); mem('gen');}
const long=readFileSync('/work/shared/DESIGN.md','utf8').slice(0,2200);
t=performance.now(); const r=await e.generate({messages:[{role:'user',content:long}],profile:{instruction:'',temperature:0,topP:1,maxTokens:1},seed:1,stop:[]},{...control,onText:()=>{}}); console.log('prefill',r.promptTokens,(r.promptTokens/(performance.now()-t)*1000).toFixed(0),'tok/s');mem('prefill');
const A=['Plants use photosynthesis to convert sunlight into energy. Chlorophyll in the leaves absorbs light, and the plant turns carbon dioxide and water into glucose and oxygen, in the green.','Plants eat soil with their roots at night and the moon helps them to grow bigger and bigger until they are full. After that they are eaten by cows, and so on.'];
for(let i=0;i<3;i++){t=performance.now(); const l=await e.likelihoods({question:'Explain in a few sentences how plants make food from sunlight.',answers:A,tokensMax:64},control);console.log('score',performance.now()-t|0,l.map(x=>[x.length,x.reduce((a,b)=>a+b,0)/x.length]));}mem('score');
t=performance.now();await e.embed(A,control);console.log('embed',performance.now()-t);mem('embed');
