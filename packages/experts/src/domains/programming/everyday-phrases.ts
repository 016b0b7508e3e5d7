/** More ways in which people ask for the relations of programming, beside the tables' phrases: loosely, in passing, from the other side. */
import { readPhrases } from '../readers/phrases.ts';

export const PROGRAMMING_EVERYDAY_PHRASES: Readonly<Record<string, readonly string[]>> = readPhrases(`
created-by: who created it; who made it; who invented it; who designed it; who wrote it; who developed it;
  who is the creator of it; who is behind it; who came up with it; by whom was it created; which person created it;
  what did this person create; who is the author of it; who started it; which company made it; who gave it to us;
  who is the father of it; whose invention is it
first-released: when was it first released; in which year did it appear; how old is it; when was it created;
  when was it invented; what year is it from; since when does it exist; when did it first appear; release year;
  year of its first version
written-in: what language is it written in; in which language is it written; in what language was it written;
  what is it written in; what programming language is it made with; what is it made in; what is its source code in;
  what is it implemented in
definition: what is it; what is that; what does it mean; what kind of thing is it; can you explain it;
  explain it simply; what is it in simple terms; what is meant by it; could you define it; describe it;
  give a definition; what is that thing called; how does it work in short; how is it defined; never heard of it;
  what is the term for it; what sort of attack is it
typing: is it statically or dynamically typed; is it static or dynamic; is it strongly typed;
  what type system does it have; how is it typed; what kind of typing does it have; does it have static types;
  are types checked
memory-management: how does it manage memory; how is memory managed in it; does it have garbage collection;
  is it garbage collected; do I have to free memory; how does it free memory; who takes care of memory;
  how does it handle memory; memory in it
named-after: why does it have this name; what is it named after; whom is it named after;
  where does its name come from; what does the name mean; how did it get its name; why this name;
  what does the name stand for
syntax: which keyword is used for it; what keyword does it; what is the keyword; how do I write it;
  what is the operator for it; which function does it; what is the name of it; which file is it;
  what character starts it; which symbol is it
command-for: what is the command to do it; which command does it; how do I do it in the terminal;
  what command do I use to do it; what do I type to do it; how can I do it on the command line;
  what do I run to do it; what is the command used for; what is this command for; which command lets me do it;
  how do I do that in Git; which shortcut does it; how do I do that with Docker; command line for it;
  in the shell how do I; what should I enter to do it; how do I do it on Linux
sql-for: how do I do it in SQL; what SQL statement does it; which SQL keyword is used to do it;
  what is the SQL for it; what is the keyword in SQL for it; which clause does it; what does the SQL keyword do;
  what does this do in SQL; what is it used for in SQL; how can I do it with SQL; in SQL how do I;
  which aggregate does it; SQL function for it
git-meaning: what does it mean in Git; what is that in Git; what does Git mean by it; explain it in Git;
  what is meant by it when Git says it; Git says it, what is that
signal-number: what number does the signal have; what is the signal's number; which number is it;
  number of the signal; what is the numeric value of it; which signal has the number; what signal is it;
  signal number of it
signal-meaning: what does this signal mean; what does the signal do; what is the signal for; when is it sent;
  what does it tell a process; why is it sent; what is the purpose of the signal; which signal does it;
  my process got it, what does it mean
errno-meaning: what does this error code mean; which error code means it; I get this error, what is it;
  what is this errno; why do I get this error; system call failed with it; what is wrong when I see it;
  it returned this error, what does that mean; errno code; what is it telling me
permission-bits: what does the permission mean; what does this file mode mean; what permissions does it give;
  what is allowed with it; who can read it with it; which chmod number; what does chmod do with it;
  what rights does it give; file permission number
exit-code: what does the exit code mean; what does exit status mean; which exit code means it;
  my command exited with it; return code of a command; what does a script return; program ended with code
regex-means: what does it match; what does it match in a regex; what does this mean in a regex;
  what is this in regular expressions; which regex matches it; how do I match it;
  what does the symbol mean in a regex; regex for it; what characters does it match; meaning in a regular expression
escape-means: what does the escape sequence mean; what does it stand for in a string; which escape sequence is it;
  escape sequence for it; what character is it; how do I write it in a string; backslash what
default-port: what port does it use; which port does it use; on which port does it run; what is its default port;
  port number of it; which port is it on; what port is it listening on; what service uses the port;
  which protocol uses this port; standard port; where does it listen; which port do I open for it; port for it
stands-for: what does it stand for; what is it short for; what is the full form; what does the abbreviation mean;
  what does the acronym stand for; what are the letters for; written out; what is the abbreviation for it; spelt out;
  how is it abbreviated; which acronym is it
layer: on which layer is it; which OSI layer is it on; what layer does it work on; on what layer does it operate;
  what layer is it; to which layer does it belong; which layer of the network; which level of the OSI model
defined-in: which RFC defines it; in which RFC is it defined; where is it defined; what standard defines it;
  which document specifies it; what is the RFC of it; RFC number; which specification; where is it specified;
  which standard is it
method-use: what does the method do; what is the HTTP method for; what is it used for; when is the method used;
  which HTTP method does it; which method do I use to do it; what is the purpose of the request method;
  HTTP request for it
header-use: what does the header do; what is the HTTP header used for; which header does it;
  what does this HTTP header mean; why do I send this header; what is the purpose of the header;
  what does the server tell with this header; which HTTP header says it; header that does it
status-use: when is it sent; when does a server send it; why do I get this code; when do I get this status;
  what causes this status; why does the server return it; when should I return it; what is the reason for it;
  what went wrong when I get it; which status code is sent when it happens; how come I see this error
status-meaning: what is the status code; what does this status code mean; what is HTTP so and so;
  which status code means it; what status is it; what is the code called; which code is it;
  what number is this status; name of the status code; meaning of the HTTP code
size-of: how big is it; how large is it; how many bits is it; what is its size; how many bytes does it take;
  how wide is it; how long is it; bits in it; how much memory does it take
well-known-value: what is the value; what number is it; what is the maximum; which file is it; where is it;
  what is the address; what path is it; what is the largest; what value has it; what bytes are at the start;
  what is the code of it; which character has the code
defence: how do I prevent it; how do you prevent it; how do I protect against it; what protects against it;
  how can I avoid it; what is the defence against it; how to defend against it; how do I stop it;
  what helps against it; how do I fix it; which attack does it prevent; what can be done against it;
  how can it be prevented; how do I keep attackers from it
crypto-size: how long is it; how many bits does it have; what is the key size; how many bits is it; output length;
  size of the hash; key length of it; what is the size of its output; how large is the key
crypto-inventor: who invented it; who designed it; who devised it; who created the cipher; who made the algorithm;
  whose algorithm is it; inventor of the cipher; by whom was it designed; which cryptographer made it
insecure-because: why should I not use it; why is it not safe; why is it broken; why is it bad; why is it deprecated;
  is it still safe; why not use it; why should it be avoided; why is it weak; what is the problem with it;
  why do people say it is unsafe
owasp-rank: what is number so and so of the OWASP Top 10; which OWASP category is it; what rank does it have in OWASP;
  what is the OWASP rank; which place in the OWASP Top 10; OWASP Top 10 entry; what comes at this place in OWASP
cookie-flag: what does the cookie flag do; what does the cookie attribute do; which cookie attribute does it;
  what is the cookie flag for; why do I set it on a cookie; which flag on a cookie
time-complexity: what is the time complexity; what is its complexity; how fast is it; what is its running time;
  Big O of it; what is the worst case; how does its time grow; what is the big O of it; how long does it take;
  how efficient is it; which algorithm has this complexity; how slow is it
space-complexity: how much memory does it need; what is the space complexity; how much extra space does it need;
  how much space does it use; is it in place; memory it needs; extra memory; additional memory
stable-sort: is it stable; is it a stable sort; is the algorithm stable; does it keep equal elements in order;
  stable or unstable; does it preserve order
algorithm-for: what is it used for; what does it do; which algorithm does it; what is it good for; when do I use it;
  which algorithm do I use to do it; what is the purpose of it; which method does it; how do you find it;
  what algorithm finds it
algorithm-author: who invented it; who devised it; who came up with it; who discovered it; who made it;
  whose idea was it; who thought of it; inventor of the algorithm; by whom is it; who is behind the algorithm;
  who is it named after
order-principle: in which order; which principle does it follow; is it first in first out; is it last in first out;
  what order does it use; how does it order its items; which element comes out first; LIFO or FIFO or what
pattern-for: what does the pattern do; when do I use the pattern; which pattern does it;
  what is the design pattern used for; which design pattern is used to do it; purpose of the pattern;
  which pattern should I use; what is the idea behind it
data-structure-for: what data structure should I use for it; what data structure is good for it;
  how do I store things for it; which structure is best for it; good data structure for it;
  what structure is used for it
isolation-prevents: what does the isolation level prevent; what does the isolation level do;
  which isolation level prevents it; what is allowed at this level; what anomalies can happen; transaction level;
  what does it guarantee
python-does: what is it for in Python; how do I do it in Python; which Python function does it;
  what does the Python function do; what Python module does it; in Python how do I; what does it return in Python;
  how can I do it with Python; Python function for it; Python keyword for it; what is the use of it in Python
python-error: when does Python raise it; what does the Python error mean;
  which exception does Python raise when it happens; why do I get it in Python;
  what error do I get in Python when it happens; what causes it in Python; which error is raised when it happens;
  what is the exception for it; why is it thrown; Python says it, why
javascript-does: what is it for in JavaScript; how do I do it in JavaScript; which JavaScript method does it;
  what does the JavaScript function do; in JavaScript how do I; which method does it in JS;
  what does it return in JavaScript; JavaScript function for it; JS array method for it;
  what is the use of it in JavaScript
html-element: what is the HTML element for; what does the tag do; which HTML tag is for it; which tag is used for it;
  what is the tag for; which HTML element do I use for it; what does it mean in HTML; how do I make it in HTML;
  what HTML tag makes it; HTML tag for it; when do I use this tag; what tag do I need
css-does: what does the CSS property do; which CSS property sets it; how do I set it in CSS;
  how do I change it with CSS; what is it for in CSS; what does it do in CSS; which property does it;
  what CSS do I use for it; CSS property for it; in CSS how do I; how can I style it
file-extension: what is the file extension; which extension do the files have; what do the files end in;
  what ending do the files have; which language has the extension; what file extension does it use;
  how do its files end; what files have this extension; dot what
mime-type: what is the MIME type; which MIME type does it have; what is the media type of it;
  what is the content type of it; which content type; MIME type for it; what Content-Type do I send;
  which file has the MIME type
spdx-identifier: what is the SPDX identifier; what is the SPDX id; which SPDX identifier does it have;
  SPDX short name; identifier of the licence; which licence has the identifier; what is the licence's identifier;
  what is its SPDX code; licence tag
weakness-name: what is the name of the CWE; what is CWE so and so; which weakness is it; what is the CWE called;
  which CWE is it; what CWE number does it have; what is the CWE number of it; CWE entry; title of the CWE;
  what does this CWE stand for
weakness-description: what is the weakness about; what does the weakness mean; what happens in this weakness;
  explain the weakness; what is wrong in it; describe the weakness; what is the flaw; how does the vulnerability work;
  what is the vulnerability; what do programmers do wrong
initial-value: what is its initial value; what is its default value; what is the default of the CSS property;
  what value does it have by default; what is it by default; default in CSS; what is it unless set; starting value;
  which value does the property start with
inherited: is the property inherited; does it inherit; do children inherit it; is it passed on to children;
  inherited or not; do child elements get it; does it cascade to children
chrome-version: which Chrome version supports it; since which Chrome version; when did Chrome support it;
  from which version of Chrome; first Chrome version with it; which version of Chrome introduced it;
  Chrome support since
firefox-version: which Firefox version supports it; since which Firefox version; when did Firefox support it;
  from which version of Firefox; first Firefox version with it; which version of Firefox introduced it;
  Firefox support since
safari-version: which Safari version supports it; since which Safari version; when did Safari support it;
  from which version of Safari; first Safari version with it; which version of Safari introduced it;
  Safari support since
nodejs-version: which Node version supports it; since which Node version; when did Node support it;
  from which version of Node.js; first Node.js version with it; which version of Node.js introduced it;
  Node support since
status: is it deprecated; is it still used; is it outdated; can I still use it; is it standard; is it experimental;
  what is its status; should I use it; is it obsolete
other-name: what is another name for it; what is it also called; what else is it called; give a synonym for it;
  other word for it; what is a synonym of it; does it have another name; what other names does it have
`);
