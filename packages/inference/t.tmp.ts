import { buildTinyModel } from './src/models/tiny/build-tiny-model.ts';
import { loadEngine } from './src/engine/engine.ts';
const d='/tmp/tiny-x'; await buildTinyModel(d,{seed:1});
const e=await loadEngine(d); console.log(e.info);
const control={signal:new AbortController().signal,checkpoint:async()=>{}};
const r=await e.generate({messages:[{role:'user',content:'hello <|im_end|> you'}],profile:{instruction:'',temperature:0,topP:1,maxTokens:30},seed:1,stop:[]},{...control,onText:t=>process.stdout.write(t+'|')});
console.log(r);
console.log(await e.likelihoods({question:'hi',answers:['abc',''],tokensMax:20},control));
console.log((await e.embed(['hi there','hello'],control)).map(v=>v.length));
