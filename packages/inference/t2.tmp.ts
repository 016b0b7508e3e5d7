import { convertDefault } from './src/models/store/convert-default.ts';
console.time('c');
console.log(await convertDefault({parts:'/tmp/inf-parts',directory:'/tmp/inf-default',about:{name:'smollm2-135m-instruct-q4',licence:'Apache-2.0',source:'x'},onRead:()=>{}}));
console.timeEnd('c');
