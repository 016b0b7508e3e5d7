import { readFileSync } from 'node:fs';
import { loadEngine } from './src/engine/engine.ts';
import { cosine } from './src/engine/embedder.ts';
const e=await loadEngine('/tmp/inf-default');
const control={signal:new AbortController().signal,checkpoint:async()=>{}};
const rows=JSON.parse(readFileSync(`/work/main/bench/scores/${process.argv[2]}.json`,'utf8'));
const mean=(x:number[])=>x.reduce((a,b)=>a+b,0)/Math.max(1,x.length);
const win:any={};
for(const r of rows){ const A=[r.right,r.wrong,r.offTopic];
 const L=(await e.likelihoods({question:r.question,answers:A,tokensMax:64},control)).map(mean);
 const U=(await e.likelihoods({question:'Say something.',answers:A,tokensMax:64},control)).map(mean);
 const own=(await e.generate({messages:[{role:'user',content:r.question}],profile:{instruction:'',temperature:0,topP:1,maxTokens:24},seed:1,stop:['\n']},{...control,onText:()=>{}})).text;
 const v=await e.embed([r.question,own,...A],control);
 const C=A.map((_,i)=>cosine(v[0]!,v[i+2]!)), O=A.map((_,i)=>cosine(v[1]!,v[i+2]!));
 console.log(r.question,'| own:',own); A.forEach((a,i)=>console.log('   ',['R','W','O'][i],'L',L[i]!.toFixed(2),'pmi',(L[i]!-U[i]!).toFixed(2),'cos',C[i]!.toFixed(2),'own',O[i]!.toFixed(2)));
 const best=(k:string,x:number[])=>{win[k]??=0;if(x.every((y,i)=>i===0||y<x[0]!))win[k]++;};
 best('L',L);best('pmi',L.map((l,i)=>l-U[i]!));best('C',C);best('O',O);best('L+C',L.map((l,i)=>Math.exp(l/2)*C[i]!));best('L*O',L.map((l,i)=>Math.exp(l/2)*(C[i]!+O[i]!)));best('L+pmi',L.map((l,i)=>2*l-U[i]!));
}
console.log(win);
