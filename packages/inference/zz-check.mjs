import ort from 'onnxruntime-node'; import { readFileSync } from 'node:fs'; import { PreTrainedTokenizer } from '@xenova/transformers';
const dir=process.argv[2]; const J=f=>JSON.parse(readFileSync(`${dir}/${f}`,'utf8')); const m=J('model.json').architecture;
const L=m.layers,D=m.hidden,KV=m.keyValueHeads,HD=m.headSize,R=8;
const tok=new PreTrainedTokenizer(J('tokenizer.json'),J('tokenizer_config.json')); const et=new PreTrainedTokenizer(J('embed-tokenizer.json'),J('embed-tokenizer_config.json'));
const opt={intraOpNumThreads:1,interOpNumThreads:1,executionMode:'sequential',graphOptimizationLevel:'all'};
const i64=(a,d)=>new ort.Tensor('int64',BigInt64Array.from(a,BigInt),d); const f32=(d)=>new ort.Tensor('float32',new Float32Array(d.reduce((a,b)=>a*b,1)),d);
const lora={lora_qA:f32([L,D,R]),lora_qB:f32([L,R,D]),lora_vA:f32([L,D,R]),lora_vB:f32([L,R,KV*HD])};
const empty=B=>Object.fromEntries(Array.from({length:L},(_,i)=>['key','value'].map(k=>[`past.${i}.${k}`,f32([B,KV,0,HD])])).flat());
let t=performance.now(); const s=await ort.InferenceSession.create(`${dir}/generate.onnx`,opt); console.log('load',performance.now()-t|0,'rss',process.memoryUsage().rss/1e6|0);
const step=async(ids,past,total)=>{const o=await s.run({input_ids:i64(ids,[1,ids.length]),seqlens_k:new ort.Tensor('int32',Int32Array.of(total-1),[1]),total_len:new ort.Tensor('int32',Int32Array.of(total),[1]),sel:i64([ids.length-1],[1]),...past,...lora});
 const np={};for(let i=0;i<L;i++)for(const k of['key','value'])np[`past.${i}.${k}`]=o[`present.${i}.${k}`];return{logits:o.logits.data,past:np};};
const argmax=a=>{let k=0;for(let i=1;i<a.length;i++)if(a[i]>a[k])k=i;return k;};
for (const q of ['What is the capital of France?','How do plants make food?']) { const ids=tok.encode(`<|im_start|>user\n${q}<|im_end|>\n<|im_start|>assistant\n`,{add_special_tokens:false});
 t=performance.now(); let r=await step(ids,empty(1),ids.length),total=ids.length; const out=[]; for(let i=0;i<40;i++){const k=argmax(r.logits); if(k===m.endToken)break; out.push(k); total++; r=await step([k],r.past,total);} 
 console.log(ids.length, JSON.stringify(tok.decode(out,{skip_special_tokens:true})), out.length/((performance.now()-t)/1e3)|0,'tok/s'); }
const c=await ort.InferenceSession.create(`${dir}/score.onnx`,opt);
const p=tok.encode('<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n',{add_special_tokens:false});
const as=['The capital of France is Paris.','The capital of France is a banana.','purple seven window the the under'].map(x=>tok.encode(x,{add_special_tokens:false}));
const S=p.length+Math.max(...as.map(a=>a.length))-1,B=3,lo=p.length-1,K=S-lo; const ids=new Array(B*S).fill(2),tg=new Array(B*K).fill(0);
as.forEach((a,b)=>{const x=[...p,...a];for(let i=0;i<Math.min(S,x.length);i++)ids[b*S+i]=x[i];for(let k=0;k<K;k++)tg[b*K+k]=x[lo+k+1]??0;});
const o=await c.run({input_ids:i64(ids,[B,S]),seqlens_k:new ort.Tensor('int32',Int32Array.from({length:B},()=>S-1),[B]),total_len:new ort.Tensor('int32',Int32Array.of(S),[1]),sel:i64(Array.from({length:K},(_,k)=>lo+k),[K]),targets:i64(tg,[B,K]),...empty(B),...lora});
console.log('mean logp',as.map((a,b)=>(a.reduce((x,_,i)=>x+o.logp.data[b*K+i],0)/a.length).toFixed(3)).join(' '), 'rss',process.memoryUsage().rss/1e6|0);
const e=await ort.InferenceSession.create(`${dir}/embed.onnx`,opt); const xs=['The capital of France is Paris.','Paris is the capital city of France.','The stock market fell sharply today.','The capital of France is Lyon.'].map(x=>et.encode(x)); const ES=Math.max(...xs.map(x=>x.length));
const ei=new Array(4*ES).fill(0),em=new Array(4*ES).fill(0); xs.forEach((a,b)=>a.forEach((v,i)=>{ei[b*ES+i]=v;em[b*ES+i]=1;}));
const v=(await e.run({input_ids:i64(ei,[4,ES]),attention_mask:i64(em,[4,ES])})).embedding; const d=v.dims[1]; const dot=(i,j)=>{let z=0;for(let k=0;k<d;k++)z+=v.data[i*d+k]*v.data[j*d+k];return z.toFixed(4);};
console.log('cos',dot(0,0),dot(0,1),dot(0,2),dot(0,3),'rss',process.memoryUsage().rss/1e6|0);
