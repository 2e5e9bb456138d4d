// Three requests in flight on one connection, by npm's modbus-serial: prints the answers as JSON.
// usage: node pipelined.js PORT ROUNDS
const ModbusRTU = require("modbus-serial");

async function main(port, rounds) {
  const client = new ModbusRTU();
  await client.connectTCP("127.0.0.1", { port });
  client.setID(1);
  client.setTimeout(2000);
  const answers = [];
  for (let round = 0; round < rounds; round++) {
    const three = await Promise.all([
      client.readHoldingRegisters(0, 3),
      client.readHoldingRegisters(256, 5),
      client.readHoldingRegisters(512, 4),
    ]);
    answers.push(three.map((answer) => answer.data));
  }
  client.close(() => {});
  console.log(JSON.stringify(answers));
}

main(Number(process.argv[2]), Number(process.argv[3])).catch((error) => {
  console.error(error.message || error);
  process.exit(1);
});
